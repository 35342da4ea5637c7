"""One JVM that stays warm: who keeps it, who may use it, and what a client leaves behind."""
