"""What `make bench` is made of: each module makes one kind of figure from outside the service."""
