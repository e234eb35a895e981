"""The road to a server: the Bolt driver, its accounts, its failures, and how long it is waited for."""
