-- beginnings of sources
ALTER TABLE source ADD COLUMN beginnings BLOB[];
