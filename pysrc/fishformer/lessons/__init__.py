"""What single exhibits compute: each module serves one or two of them."""
