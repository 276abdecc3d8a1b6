"""The portal, authorities, time-stamps: one client, envelope, receipts. The only importer of httpx."""
