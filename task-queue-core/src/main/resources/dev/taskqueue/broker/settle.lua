-- Commits outcomes of claimed tasks. Each counts only if this worker's list still holds the task: settling twice, or
-- after somebody recovered the task, changes nothing.
-- KEYS  1 the worker's processing list, 2 normal lane, 3 high lane, 4 low lane, 5 scheduled, 6 dead,
--       then per outcome: its idempotency key where it has a token, its status hash where statuses are kept
-- ARGV  1 the worker, 2 how long a final status is kept (ms), 3 how long a done idempotency key is kept (ms),
--       4 whether statuses are kept (1 or 0), then per outcome its verb and what goes with it:
--       done      bytes, attempt, run time (ms)
--       finish    bytes, attempt, run time (ms), idempotency token, task id, result; the latter three may be empty
--       skip, schedule, bury, release
--                 bytes, new bytes, number, idempotency token, n, n status fields and values
--       verb      number          the task then
--       done      -               has ended; this is finish for the common case, in fewer words
--       finish    -               has ended; the idempotency key becomes done:<task id>
--       skip      -               has ended
--       schedule  delay (ms)      waits in scheduled, as its new bytes
--       bury      run time (ms)   lies in dead, as its new bytes
--       release   lane (1, 2, 3)  is back at the consuming end of its lane, unchanged
-- returns per outcome 1, 0 where the list did not hold the task, or an error's text (the task is then still in the list)
local call, pcall = redis.call, redis.pcall
local processing, worker, status_ttl, tracked = KEYS[1], ARGV[1], ARGV[2], ARGV[4] == '1'
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_text = string.format('%d', now)
local results = {}
local key, arg = 7, 5

-- pcall, here and below: a key of a wrong type must not undo or block what is settled.
local function succeed(status, raw, attempt, run_time)
  local added = pcall('HSET', status, 'state', 'succeeded', 'attempts', attempt, 'worker', worker,
    'finished_at', now_text, 'run_ms', run_time)
  if type(added) ~= 'number' then
    return
  end
  if added == 5 then
    -- A bare push, or a status that was evicted: nobody has written yet what the task itself says.
    local known, task = _G.pcall(cjson.decode, raw)
    if known and type(task.type) == 'string' then
      call('HSET', status, 'type', task.type)
      if type(task.created_at) == 'number' then
        call('HSET', status, 'created_at', string.format('%.0f', task.created_at))
      end
    end
  end
  call('PEXPIRE', status, status_ttl)
end

local function place(verb, raw, text, number)
  if verb == 'schedule' then
    -- The set would swallow a second task of the very same bytes; a blank more is the same JSON.
    while true do
      local added = pcall('ZADD', KEYS[5], 'NX', string.format('%d', now + number), text)
      if added ~= 0 then
        return added
      end
      text = text .. ' '
    end
  elseif verb == 'bury' then
    return pcall('LPUSH', KEYS[6], text)
  elseif verb == 'release' then
    local lane = KEYS[1 + number]
    -- Idle workers block on the normal lane alone.
    if call('EXISTS', KEYS[2]) == 0 then
      lane = KEYS[2]
    end
    return pcall('RPUSH', lane, raw)
  end
end

local function write_status(status, verb, number, fields)
  local hset = { 'HSET', status, 'worker', worker, unpack(ARGV, arg + 6, arg + 5 + fields) }
  if verb == 'schedule' then
    hset[#hset + 1] = 'next_attempt_at'
    hset[#hset + 1] = string.format('%d', now + number)
  elseif verb ~= 'release' then
    hset[#hset + 1] = 'finished_at'
    hset[#hset + 1] = now_text
    if number ~= '' then
      hset[#hset + 1] = 'run_ms'
      hset[#hset + 1] = number
    end
  end
  local written = pcall(unpack(hset))
  if verb == 'schedule' or verb == 'release' then
    -- The hash may be that of an earlier run of the same task.
    call('PERSIST', status)
  elseif type(written) == 'number' then
    call('PEXPIRE', status, status_ttl)
  end
end

while arg <= #ARGV do
  local verb, raw = ARGV[arg], ARGV[arg + 1]
  local result = call('LREM', processing, -1, raw)
  if verb == 'done' then
    if tracked then
      if result == 1 then
        succeed(KEYS[key], raw, ARGV[arg + 2], ARGV[arg + 3])
      end
      key = key + 1
    end
    arg = arg + 4
  elseif verb == 'finish' then
    if ARGV[arg + 4] ~= '' then
      if result == 1 then
        pcall('SET', KEYS[key], 'done:' .. ARGV[arg + 5], 'PX', ARGV[3])
      end
      key = key + 1
    end
    if tracked then
      if result == 1 then
        succeed(KEYS[key], raw, ARGV[arg + 2], ARGV[arg + 3])
        if ARGV[arg + 6] ~= '' then
          pcall('HSET', KEYS[key], 'result', ARGV[arg + 6])
        end
      end
      key = key + 1
    end
    arg = arg + 7
  else
    local text, number, token, fields = ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4], tonumber(ARGV[arg + 5])
    if result == 1 then
      local placed = place(verb, raw, text, number)
      if type(placed) == 'table' and placed.err then
        call('RPUSH', processing, raw)
        result = placed.err
      end
    end
    if token ~= '' then
      if result == 1 and pcall('GET', KEYS[key]) == token then
        call('DEL', KEYS[key])
      end
      key = key + 1
    end
    if fields > 0 then
      if result == 1 then
        write_status(KEYS[key], verb, number, fields)
      end
      key = key + 1
    end
    arg = arg + 6 + fields
  end
  results[#results + 1] = result
end
return results
