using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Payments.Infrastructure.Database;

/// <summary>
/// Writes many new rows of one table as one statement (<c>INSERT … SELECT FROM unnest</c>), whatever their number, so
/// that a batch of payments costs one round trip for its ledger instead of one statement a row.
/// </summary>
internal sealed class BulkInsert
{
    private static readonly ConcurrentDictionary<IEntityType, BulkInsert> Known = new();

    private readonly BulkColumn[] columns;
    private readonly string sql;

    private BulkInsert(IEntityType entity)
    {
        columns = [.. entity.GetProperties().Where(p => !p.IsShadowProperty()).Select(p => new BulkColumn(p))];
        var names = string.Join(", ", columns.Select(c => c.Name));
        var arrays = string.Join(", ", columns.Select((c, i) => $"${i + 1}::{c.StoreType}[]"));
        sql = $"INSERT INTO {entity.GetSchema()}.{entity.GetTableName()} ({names}) SELECT * FROM unnest({arrays})";
    }

    public static BulkInsert For(IEntityType entity) => Known.GetOrAdd(entity, e => new BulkInsert(e));

    /// <param name="suffix">For example <c>ON CONFLICT DO NOTHING</c>.</param>
    public NpgsqlBatchCommand Command(IReadOnlyList<EntityEntry> rows, string suffix = "") => Command(rows, static (row, property) => row.Property(property).CurrentValue, suffix);

    /// <summary>The same for entities that no context tracks.</summary>
    public NpgsqlBatchCommand CommandFor<T>(IReadOnlyList<T> rows, string suffix = "")
        where T : class => Command(rows, static (row, property) => property.GetGetter().GetClrValueUsingContainingEntity(row), suffix);

    private NpgsqlBatchCommand Command<TRow>(IReadOnlyList<TRow> rows, Func<TRow, IProperty, object?> read, string suffix)
    {
        var command = new NpgsqlBatchCommand(sql + " " + suffix);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Parameter(rows, read));
        }

        return command;
    }
}
