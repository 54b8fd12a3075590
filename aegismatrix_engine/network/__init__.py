"""What speaks over a network: requests, retries, and the issues of a GitHub repository."""
