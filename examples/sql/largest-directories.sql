-- The directories that hold most bytes, everything below them included.
WITH above AS (
  SELECT unnest([array_to_string(parts[1:i], '/') FOR i IN range(1, len(parts))]) AS directory, length
  FROM (SELECT string_split(path, '/') AS parts, length FROM files)
)
SELECT directory, count(*) AS files, sum(length)::BIGINT AS bytes
FROM above
GROUP BY directory
ORDER BY bytes DESC, directory
LIMIT 20;
