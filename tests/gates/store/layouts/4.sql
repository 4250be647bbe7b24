-- thresholds, reviews, bad outputs, statements and drills
CREATE TABLE threshold (
	version_number INTEGER NOT NULL, 
	document_json TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	request_number INTEGER, 
	PRIMARY KEY (version_number)
);
CREATE TABLE review (
	review_id INTEGER NOT NULL, 
	at_ns BIGINT NOT NULL, 
	revision BIGINT NOT NULL, 
	step VARCHAR(32) NOT NULL, 
	verdict VARCHAR(32) NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	actor_id TEXT NOT NULL, 
	request_number INTEGER, 
	evidence_digest VARCHAR(128), 
	PRIMARY KEY (review_id)
);
CREATE INDEX review_by_revision ON review (revision);
CREATE INDEX review_by_evidence ON review (evidence_digest);
CREATE INDEX review_by_step ON review (step);
CREATE TABLE bad_output (
	report_id INTEGER NOT NULL, 
	job_id TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	reported_by TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	withdrawn_at_ns BIGINT, 
	withdrawn_by TEXT, 
	withdrawn_because TEXT, 
	PRIMARY KEY (report_id)
);
CREATE INDEX bad_output_by_revision ON bad_output (revision);
CREATE TABLE statement (
	statement_id INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	text TEXT NOT NULL, 
	link TEXT NOT NULL, 
	author TEXT NOT NULL, 
	at_ns BIGINT NOT NULL, 
	expires_ns BIGINT, 
	withdrawn_at_ns BIGINT, 
	withdrawn_by TEXT, 
	withdrawn_because TEXT, 
	PRIMARY KEY (statement_id)
);
CREATE TABLE drill (
	drill_id INTEGER NOT NULL, 
	request_number INTEGER NOT NULL, 
	actor_id TEXT NOT NULL, 
	base_revision BIGINT NOT NULL, 
	began_at_ns BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	kill_revision BIGINT, 
	killed_at_ns BIGINT, 
	confirmed_at_ns BIGINT, 
	restored_revision BIGINT, 
	ended_at_ns BIGINT, 
	words TEXT NOT NULL, 
	PRIMARY KEY (drill_id), 
	FOREIGN KEY(request_number) REFERENCES request (number)
);
CREATE TRIGGER threshold_no_update BEFORE UPDATE ON threshold BEGIN SELECT RAISE(ABORT, 'threshold is append-only'); END;
CREATE TRIGGER threshold_no_delete BEFORE DELETE ON threshold BEGIN SELECT RAISE(ABORT, 'threshold is append-only'); END;
CREATE TRIGGER review_no_update BEFORE UPDATE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
CREATE TRIGGER review_no_delete BEFORE DELETE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END;
