using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>
/// Writes many changed rows of one table as one statement (<c>UPDATE … FROM unnest</c>). A row is found by its key and,
/// where it has one, by the version that was read; whoever changed it since makes the whole save fail, as EF would.
/// </summary>
internal sealed class BulkUpdate
{
    private static readonly ConcurrentDictionary<IEntityType, BulkUpdate> Known = new();

    private readonly string table;
    private readonly BulkColumn key;
    private readonly BulkColumn? version;
    private readonly BulkColumn[] others;

    private BulkUpdate(IEntityType entity)
    {
        table = $"{entity.GetSchema()}.{entity.GetTableName()}";
        key = BulkColumn.Of(entity.FindPrimaryKey()!.Properties.Single());
        version = entity.GetProperties().SingleOrDefault(p => p.IsConcurrencyToken) is { } token ? BulkColumn.Of(token) : null;
        others = [.. entity.GetProperties().Where(p => !p.IsShadowProperty() && !p.IsPrimaryKey() && !p.IsConcurrencyToken).Select(p => BulkColumn.Of(p))];
    }

    public static BulkUpdate For(IEntityType entity) => Known.GetOrAdd(entity, e => new BulkUpdate(e));

    /// <summary>Sets in every row the columns that changed in any.</summary>
    public NpgsqlBatchCommand Command(IReadOnlyList<EntityEntry> rows)
    {
        var changed = Changed(rows);
        BulkColumn[] columns = [key, .. version is null ? [] : (BulkColumn[])[version], .. changed];
        var command = new NpgsqlBatchCommand(
            $"UPDATE {table} AS old SET {string.Join(", ", changed.Select(c => $"{c.Name} = new.{c.Name}"))} "
            + $"FROM unnest({string.Join(", ", columns.Select((c, i) => $"${i + 1}::{c.StoreType}[]"))}) AS new ({string.Join(", ", columns.Select(c => c == version ? "version" : c.Name))}) "
            + $"WHERE old.{key.Name} = new.{key.Name}{(version is null ? "" : $" AND old.{version.Name} = new.version RETURNING old.{version.Name}")}");
        // The version among them: nothing here changes it, so what the entity says is what was read.
        object[] entities = [.. rows.Select(r => r.Entity)];
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Parameter(entities));
        }

        return command;
    }

    /// <summary>After the command ran: what it changed is saved.</summary>
    /// <param name="reader">At the command's rows, if it gives any.</param>
    /// <exception cref="DbUpdateConcurrencyException"/>
    public async Task AcceptAsync(NpgsqlBatchCommand command, IReadOnlyList<EntityEntry> rows, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        object? written = null;
        if (version is not null)
        {
            // One statement, one transaction: all rows have the same version now.
            while (await reader.ReadAsync(cancellationToken))
            {
                written ??= reader.GetValue(0);
            }

            await reader.NextResultAsync(cancellationToken);
        }

        if (command.Rows != (ulong)rows.Count)
        {
            throw new DbUpdateConcurrencyException($"Of {rows.Count} rows of {table}, {command.Rows} were still as they had been read.");
        }

        var changed = Changed(rows);
        foreach (var row in rows)
        {
            if (version is not null)
            {
                row.Property(version.Property).CurrentValue = written;
                row.Property(version.Property).OriginalValue = written;
            }

            foreach (var column in changed)
            {
                // Else "unchanged" would bring the old value back.
                row.Property(column.Property).OriginalValue = row.Property(column.Property).CurrentValue;
            }

            row.State = EntityState.Unchanged;
        }
    }

    private List<BulkColumn> Changed(IReadOnlyList<EntityEntry> rows) => [.. others.Where(c => rows.Any(r => r.Property(c.Property).IsModified))];
}
