"""The token: the only importer of pkcs11. A helper process owns the vendor's module."""
