-- audit chain
CREATE TABLE audit_record (
	seq BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	leaf VARCHAR(64) NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT audit_record_counts_from_1 CHECK (seq > 0)
);
CREATE TABLE audit_checkpoint (
	size BIGINT NOT NULL, 
	root VARCHAR(64) NOT NULL, 
	note TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	PRIMARY KEY (size)
);
CREATE TABLE audit_late_file (
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END;
CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record BEGIN SELECT RAISE(ABORT, 'audit_record is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END;
