from tests.hashers import QuickArgon2


class CountingArgon2(QuickArgon2):
    """Argon2 that counts how often it was made to work."""

    work: list[str] = []

    def encode(self, password, salt):
        self.work.append("encode")
        return super().encode(password, salt)

    def verify(self, password, encoded):
        self.work.append("verify")
        return super().verify(password, encoded)
