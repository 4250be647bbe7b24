-- passwords
CREATE TABLE password (
	operator_id TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	set_at_ns BIGINT NOT NULL, 
	PRIMARY KEY (operator_id), 
	FOREIGN KEY(operator_id) REFERENCES operator (operator_id)
);
