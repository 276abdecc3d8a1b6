"""Send packages to the portal and keep its receipts."""
