from accounts.hashers import BoundedArgon2PasswordHasher


class QuickArgon2(BoundedArgon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
