"""What people and the server do with systems beside calling pipes.

vault.py       tokens in the database, where every process finds them
trying.py      one call or connection, tried from a page or the REST API
drafts.py      a flow's draft: its problems; by what it is told from another
consent.py     a person allows access at the system (OAuth 2.0, authorization code)
health.py background.py        is it up? asked now and then, told by mail
"""
