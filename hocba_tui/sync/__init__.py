"""The portal: envelope, client, receipts. The only importer of httpx."""
