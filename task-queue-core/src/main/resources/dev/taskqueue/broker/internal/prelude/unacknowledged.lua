-- Of the workers that live, those that have not acknowledged the pause, a thousand at most.
local function unacknowledged(workers, silence, seen)
  local living = redis.pcall('ZRANGEBYSCORE', workers, living_since(silence), '+inf')
  local missing = {}
  for _, worker in ipairs(living.err and {} or living) do
    if type(redis.pcall('HGET', seen, worker)) ~= 'string' then
      missing[#missing + 1] = worker
      if #missing == 1000 then
        break
      end
    end
  end
  return missing
end
