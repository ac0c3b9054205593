// Requests to the server, and its refusals in its own words.

/** What the server refused. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export async function request(method, path, body, token, signal) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, 'offline', 'The server cannot be reached. Is it running?');
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    answer = null;
  }
  if (response.ok) return answer;
  const said = answer?.error ?? answer ?? {};
  throw new ApiError(response.status, said.code ?? String(response.status), sentence(said) ?? `The server answered ${response.status}.`);
}

function sentence({ message, hint }) {
  if (!message) return null;
  const text = hint ? `${message}: ${hint}` : message;
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
