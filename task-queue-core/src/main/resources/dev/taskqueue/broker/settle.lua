-- Commits outcomes of claimed tasks. Each counts only if this worker's list still holds the task: settling twice, or
-- after somebody recovered the task, changes nothing.
-- KEYS  1 the worker's processing list, 2 normal lane, 3 high lane, 4 low lane, 5 scheduled, 6 dead,
--       then per outcome: its idempotency key where it has a token, its status hash where fields are given
-- ARGV  1 the worker, 2 how long a final status is kept (ms), 3 how long a done idempotency key is kept (ms), then per
--       outcome: verb, the task's bytes, the task's new bytes, a number, idempotency token, n, n status fields and values
--       verb      number          the task then
--       done      run time (ms)   has ended; the idempotency key becomes done:<new bytes>, which here are the task's id
--       skip      -               has ended
--       schedule  delay (ms)      waits in scheduled, as its new bytes
--       bury      run time (ms)   lies in dead, as its new bytes
--       release   lane (1, 2, 3)  is back at the consuming end of its lane, unchanged
-- returns per outcome 1, 0 where the list did not hold the task, or an error's text (the task is then still in the list)
local processing = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function place(verb, raw, text, number)
  if verb == 'schedule' then
    -- The set would swallow a second task of the very same bytes; a blank more is the same JSON.
    while true do
      local added = redis.pcall('ZADD', KEYS[5], 'NX', string.format('%d', now + number), text)
      if added ~= 0 then
        return added
      end
      text = text .. ' '
    end
  elseif verb == 'bury' then
    return redis.pcall('LPUSH', KEYS[6], text)
  elseif verb == 'release' then
    local lane = KEYS[1 + number]
    -- Idle workers block on the normal lane alone.
    if redis.call('EXISTS', KEYS[2]) == 0 then
      lane = KEYS[2]
    end
    return redis.pcall('RPUSH', lane, raw)
  end
end

local results = {}
local key, arg = 7, 4
while arg <= #ARGV do
  local verb, raw, text, number, token = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4]
  local fields = tonumber(ARGV[arg + 5])
  local result = redis.call('LREM', processing, -1, raw)
  if result == 1 then
    local placed = place(verb, raw, text, number)
    if type(placed) == 'table' and placed.err then
      redis.call('RPUSH', processing, raw)
      result = placed.err
    end
  end
  if token ~= '' then
    if result == 1 then
      -- pcall, here and below: a key of a wrong type must not undo or block what is settled.
      if verb == 'done' then
        redis.pcall('SET', KEYS[key], 'done:' .. text, 'PX', ARGV[3])
      elseif redis.pcall('GET', KEYS[key]) == token then
        redis.call('DEL', KEYS[key])
      end
    end
    key = key + 1
  end
  if fields > 0 then
    if result == 1 then
      local status = { 'HSET', KEYS[key], 'worker', ARGV[1], unpack(ARGV, arg + 6, arg + 5 + fields) }
      if verb == 'schedule' then
        status[#status + 1] = 'next_attempt_at'
        status[#status + 1] = string.format('%d', now + number)
      elseif verb ~= 'release' then
        status[#status + 1] = 'finished_at'
        status[#status + 1] = string.format('%d', now)
        if number ~= '' then
          status[#status + 1] = 'started_at'
          status[#status + 1] = string.format('%d', now - number)
        end
      end
      local written = redis.pcall(unpack(status))
      if verb == 'schedule' or verb == 'release' then
        -- The hash may be that of an earlier run of the same task.
        redis.call('PERSIST', KEYS[key])
      elseif type(written) == 'number' then
        redis.call('PEXPIRE', KEYS[key], ARGV[2])
      end
    end
    key = key + 1
  end
  results[#results + 1] = result
  arg = arg + 6 + fields
end
return results
