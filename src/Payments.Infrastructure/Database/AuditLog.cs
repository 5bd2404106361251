using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database;

/// <summary>The audit log is a table that a trigger keeps append-only.</summary>
internal sealed class AuditLog(PaymentsDbContext db, IIdGenerator ids, TimeProvider clock) : IAuditLog, IAuditTrail, IRefusalLog
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new MoneyText(), new IdTexts() },
    };

    public Task WriteAsync(Actor actor, string action, string subject, object? before, object? after, string? reason, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(
            "INSERT INTO payments.audit_log (id, at, actor_id, actor_email, address, action, subject, before, after, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        command.Parameters.Add(new() { Value = ids.Next() });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = actor.UserId.Value });
        command.Parameters.Add(Text(actor.Email));
        command.Parameters.Add(Text(actor.Address));
        command.Parameters.Add(Text(action));
        command.Parameters.Add(Text(subject));
        command.Parameters.Add(Document(before));
        command.Parameters.Add(Document(after));
        command.Parameters.Add(Text(reason));
        return db.ExecuteAsync([command], cancellationToken);
    }

    public async Task WriteAsync(IStaffWrite write, string code, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.SerializeToNode(write.Wanted, write.Wanted.GetType(), Json)!.AsObject();
        wanted.Remove("actor");
        wanted["code"] = code;
        var reason = write.Reason is { Length: <= IStaffWrite.LongestReason } said ? said : null;
        await using var transaction = await db.BeginAsync(cancellationToken);
        await WriteAsync(write.Actor, write.RefusedAs, write.Subject, null, wanted, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task WriteAsync(Actor actor, string call, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        await WriteAsync(actor, "call.refused", call, null, new { status = 403 }, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AuditRow>> PageAsync(AuditFilter filter, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var (cursorAt, cursorId) = (before?.At, before?.Id);
        var actor = filter.ActorId?.Value;
        var (from, until) = (filter.From?.ToUniversalTime(), filter.Until?.ToUniversalTime());
        var kind = filter.Action?.EndsWith('.') == true;
        var rows = await db.Database.SqlQuery<AuditLine>(
            $"""
            SELECT id AS "Id", at AS "At", actor_id AS "ActorId", actor_email AS "ActorEmail", address AS "Address", action AS "Action", subject AS "Subject",
                before::text AS "Before", after::text AS "After", reason AS "Reason" FROM payments.audit_log
            WHERE ({cursorAt}::timestamptz IS NULL OR (at, id) < ({cursorAt}, {cursorId}::uuid)) AND ({actor}::uuid IS NULL OR actor_id = {actor})
                AND ({filter.Action}::text IS NULL OR action = {filter.Action} OR ({kind} AND starts_with(action, {filter.Action})))
                AND ({filter.Subject}::text IS NULL OR subject = {filter.Subject})
                AND ({from}::timestamptz IS NULL OR at >= {from}) AND ({until}::timestamptz IS NULL OR at < {until})
            ORDER BY at DESC, id DESC LIMIT {count}
            """).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new AuditRow(r.Id, r.At, new UserId(r.ActorId), r.ActorEmail, r.Address, r.Action, r.Subject, r.Before, r.After, r.Reason))];
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Document(object? value) =>
        new() { Value = value is null ? DBNull.Value : JsonSerializer.Serialize(value, value.GetType(), Json), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private sealed record AuditLine(Guid Id, DateTimeOffset At, Guid ActorId, string? ActorEmail, string? Address, string Action, string Subject, string? Before, string? After, string? Reason);

    /// <summary>As on the API: <c>{ "amount": 1999, "currency": "usd" }</c>.</summary>
    private sealed class MoneyText : JsonConverter<Money>
    {
        public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("The audit log is only written.");

        public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteNumber("amount", value.Minor);
            writer.WriteString("currency", value.Currency.Code);
            writer.WriteEndObject();
        }
    }

    /// <summary>Every type of id there is.</summary>
    private sealed class IdTexts : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsValueType && typeToConvert.Namespace == typeof(UserId).Namespace
            && typeToConvert.Name.EndsWith("Id", StringComparison.Ordinal) && typeToConvert.GetProperty(nameof(UserId.Value))?.PropertyType == typeof(Guid);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(IdText<>).MakeGenericType(typeToConvert))!;
    }

    /// <summary>An id is its UUID, which is what it calls itself.</summary>
    private sealed class IdText<T> : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("The audit log is only written.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
