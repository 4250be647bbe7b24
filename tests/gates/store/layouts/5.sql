-- comments on requests
CREATE TABLE request_comment (
	request_number INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (request_number, position), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TRIGGER request_comment_no_update BEFORE UPDATE ON request_comment BEGIN SELECT RAISE(ABORT, 'request_comment is append-only'); END;
CREATE TRIGGER request_comment_no_delete BEFORE DELETE ON request_comment BEGIN SELECT RAISE(ABORT, 'request_comment is append-only'); END;
