COPY t TO PROGRAM 'sh'; SELECT * INTO OUTFILE '/x' FROM t; EXEC xp_cmdshell 'dir'
GO
DELIMITER //
.shell ls
\! ls