"""Messages to people: the outbox that mails are written into, and the job that sends them."""
