-- What changed from the snapshot of the view `before` to that of `files`.
SELECT
  coalesce(later.path, earlier.path) AS path,
  CASE
    WHEN earlier.path IS NULL THEN 'added'
    WHEN later.path IS NULL THEN 'removed'
    ELSE 'changed'
  END AS change,
  earlier.length AS length_before,
  later.length AS length_now
FROM before AS earlier
FULL JOIN files AS later ON later.path = earlier.path
WHERE earlier.path IS NULL OR later.path IS NULL
  OR later.length <> earlier.length OR later.crc32c <> earlier.crc32c OR later.mtime <> earlier.mtime
ORDER BY path;
