"""Submit, approve and seal: the queues, the batch and the issue round."""
