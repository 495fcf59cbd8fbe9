"""OSDP v2 readers over RS-485, through libosdp."""
