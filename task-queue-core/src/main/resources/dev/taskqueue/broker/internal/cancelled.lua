-- Tells which tasks are cancelled. A worker asks only while the hash of tombstones is there.
-- KEYS  1 cancelled
-- ARGV  the ids of the tasks
-- returns an error's text (empty where there was none), then per task its tombstone
--         (when it was cancelled, in ms, a blank, and the reason), or false
local cancelled = KEYS[1]
local reply = { '' }
for i, id in ipairs(ARGV) do
  -- pcall: a key of a wrong type keeps no task from running.
  local tombstone = redis.pcall('HGET', cancelled, id)
  if type(tombstone) == 'table' then
    reply[1] = tombstone.err
    tombstone = false
  end
  reply[1 + i] = tombstone
end
return reply
