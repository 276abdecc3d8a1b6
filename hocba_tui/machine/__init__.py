"""What a computer is told so that a whole school comes in: sshd, PAM, systemd, users and folders."""
