"""The chat bot: engine (`talk`), conversations (`flows`), channels (`handlers`), card reader (`ocr`), `runtime`."""
