-- How many files there are of each size class, and what they weigh.
SELECT
  CASE
    WHEN length = 0 THEN '0 empty'
    WHEN length < 4096 THEN '1 under 4 KiB'
    WHEN length < 65536 THEN '2 under 64 KiB'
    WHEN length < 1048576 THEN '3 under 1 MiB'
    WHEN kind = 'folded' THEN '4 larger'
    ELSE '5 pass-through'
  END AS size_class,
  count(*) AS files,
  sum(length)::BIGINT AS bytes
FROM files
GROUP BY size_class
ORDER BY size_class;
