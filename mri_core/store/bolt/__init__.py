"""Access to a server: the Bolt driver, accounts, failures and timeouts."""
