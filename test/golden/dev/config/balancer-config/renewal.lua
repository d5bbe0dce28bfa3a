local certificate = "/etc/sightline/balancer-tls/tls.crt"
local key = "/etc/sightline/balancer-tls/tls.key"

local function read(path)
  local file = io.open(path, "rb")
  if file == nil then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

core.register_task(function()
  local taken = read(certificate) .. read(key)
  while true do
    core.sleep(20)
    local crt, pem = read(certificate), read(key)
    if crt ~= "" and pem ~= "" and crt .. pem ~= taken then
      -- Both in one text: given apart, they are read in any order, and a certificate forgets the key before it.
      local both = { filename = certificate, crt = crt .. "\n" .. pem }
      local done, problem = pcall(CertCache.set, both)
      if done then
        taken = crt .. pem
        core.Info("took up the renewed certificate")
      else
        core.Alert("cannot take up the renewed certificate: " .. tostring(problem))
      end
    end
  end
end)
