"""What speaks over a network: requests, retries, the issues of a GitHub repository, and a cluster that tasks run on."""
