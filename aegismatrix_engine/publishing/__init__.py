"""What ``aegis publish`` is made of: own files, the other side's, their merge, and git."""
