"""Records out: the Ministry's XML and its signatures. The only importer of lxml and signxml."""
