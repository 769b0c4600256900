-- Lets go of tombstones that nobody needs any more, a page of them at a time: of tasks that have ended, and old ones of tasks
-- that have no status. Of a paused queue all stay.
-- Needs now_ms
-- KEYS  1 cancelled, 2 paused marker
-- ARGV  1 the cursor where to go on (0: from the beginning), 2 how many to look at, 3 how long the tombstone of an ended task
--       is kept (ms), 4 how long that of a task without a status (ms), 5 what stands before the id in the key of a status,
--       then the names of the states in which a task has ended
-- returns the cursor for the next page, 0 after the last, and how many are gone
local call = redis.call
local cancelled, paused = KEYS[1], KEYS[2]
local cursor, count, ended_ttl, unknown_ttl, status_prefix = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if call('EXISTS', paused) == 1 or call('TYPE', cancelled).ok ~= 'hash' then
  return { '0', 0 }
end
local is_final = {}
for i = 6, #ARGV do
  is_final[ARGV[i]] = true
end
local now, gone = now_ms(), 0

local function is_needed(id, age)
  if age < math.min(ended_ttl, unknown_ttl) then
    return true
  end
  local status = redis.pcall('GET', status_prefix .. id)
  if type(status) ~= 'string' then
    return age < unknown_ttl
  end
  local ok, fields = pcall(cjson.decode, status)
  return not (ok and type(fields) == 'table' and is_final[fields.state] and age >= ended_ttl)
end

local page = call('HSCAN', cancelled, cursor, 'COUNT', count)
for i = 1, #page[2], 2 do
  local id = page[2][i]
  local at = string.match(page[2][i + 1], '^(%d+) ')
  if not is_needed(id, now - (tonumber(at) or 0)) then
    gone = gone + call('HDEL', cancelled, id)
  end
end
return { page[1], gone }
