-- Reads what may keep one task where it is. A key of a wrong type tells nothing.
-- Needs now_ms, holder_of
-- KEYS  1 workers, 2 silence, as visit.lua keeps it, 3 cancelled, 4 the task's count of recoveries, 5 its idempotency key,
--       6 its unique key; the normal lane stands in for one that it has not
-- ARGV  1 the task's id, 2 the worker that holds it (empty: none)
-- returns the time (ms), the lease (ms; 0: nobody has looked for the silent yet), the tombstone, the count of recoveries, what
--         the idempotency key holds, the ids of the tasks that hold the unique key and wait for it, then the last beat (ms) of
--         the worker and of the one that the idempotency key names; all of these as text, empty where there is none
local workers, silence, cancelled, recoveries, idempotency, unique = unpack(KEYS)
local id, worker = ARGV[1], ARGV[2]
local LONGEST = 2000

local function text(reply)
  return type(reply) == 'string' and string.sub(reply, 1, LONGEST) or ''
end

local function beat(name)
  return name and name ~= '' and text(redis.pcall('ZSCORE', workers, name)) or ''
end

local lock = text(redis.pcall('GET', idempotency))
return {
  now_ms(),
  tonumber(text(redis.pcall('HGET', silence, ':lease'))) or 0,
  text(redis.pcall('HGET', cancelled, id)),
  text(redis.pcall('GET', recoveries)),
  lock,
  text(redis.pcall('HGET', unique, 'id')),
  text(redis.pcall('HGET', unique, 'next_id')),
  beat(worker),
  beat(holder_of(lock)),
}
