-- Marks tasks as running, as long as the worker still holds them.
-- Needs now_ms, has_succeeded
-- KEYS  1 the worker's processing list,
--       then two per task: its idempotency key (the processing list stands in for one that it has not), its status
-- ARGV  1 the prefix of each status, then four per task: its bytes, what its idempotency key holds once it has succeeded
--       (empty for a task without a key), the suffix of its status, for how long it has been running (ms)
-- returns nothing
local processing, prefix = KEYS[1], ARGV[1]
local now = now_ms()
local key = 2
for arg = 2, #ARGV, 4 do
  -- A task that is no longer held: whoever has it now writes its status.
  if redis.call('LPOS', processing, ARGV[arg]) and not has_succeeded(KEYS[key], ARGV[arg + 1]) then
    local since = now - ARGV[arg + 3]
    redis.pcall('SET', KEYS[key + 1], string.format('%s"since":%d,%s', prefix, since, ARGV[arg + 2]))
  end
  key = key + 2
end
