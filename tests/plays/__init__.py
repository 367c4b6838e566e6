"""The plays: conversations as text files that read like the chat, played as written."""
