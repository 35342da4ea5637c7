"""A JVM that starts: Java, jars, the class archive, a session."""
