"""Signing with a token. Only this package imports pkcs11; a helper process loads the vendor's module."""
