// A function as it is usually written for Node: one connection that is kept, one query an answer. What
// `heartbeat bench functions` measures beside `/api/health`, which asks the same of the same server.
import { createServer } from 'node:http';
import pg from 'pg';

const { DATABASE_URL, DATABASE_CA, CRON_SECRET, STATEMENT, VALUES } = process.env;
const url = new URL(DATABASE_URL);

let connecting;
function connection() {
    connecting ??= (async () => {
        const client = new pg.Client({
            host: url.hostname,
            port: Number(url.port),
            user: decodeURIComponent(url.username),
            database: url.pathname.slice(1),
            // As strict as ours: the authority and the name are verified.
            ssl: { ca: DATABASE_CA, host: url.hostname },
        });
        await client.connect();
        return client;
    })();
    return connecting;
}

async function answer(request) {
    const bearer = request.headers.authorization;
    if (bearer !== undefined && bearer !== `Bearer ${CRON_SECRET}`) {
        return [401, { code: 'unauthorized' }];
    }
    const client = await connection();
    const { rows } = await client.query(STATEMENT, JSON.parse(VALUES));
    return [200, { status: 'ok', database: rows[0] }];
}

const server = createServer((request, response) => {
    const send = ([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
    };
    answer(request).then(send, (error) => {
        console.error(error);
        send([503, { code: 'unavailable' }]);
    });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
    console.log(`listening: ${server.address().port}`);
});
