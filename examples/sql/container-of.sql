-- Which container holds a path, and where in it. The path is the parameter.
SELECT 'containers/' || container_id || '.pleat' AS container, "offset", stored_length, codec, kind
FROM files
WHERE path = ?;
