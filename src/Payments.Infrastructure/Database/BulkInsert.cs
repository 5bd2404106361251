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

    private readonly Column[] columns;
    private readonly string sql;

    private BulkInsert(IEntityType entity)
    {
        columns = [.. entity.GetProperties().Where(p => !p.IsShadowProperty()).Select(p => new Column(p))];
        var names = string.Join(", ", columns.Select(c => c.Name));
        var arrays = string.Join(", ", columns.Select((c, i) => $"${i + 1}::{c.StoreType}[]"));
        sql = $"INSERT INTO {entity.GetSchema()}.{entity.GetTableName()} ({names}) SELECT * FROM unnest({arrays})";
    }

    public static BulkInsert For(IEntityType entity) => Known.GetOrAdd(entity, e => new BulkInsert(e));

    /// <param name="suffix">For example <c>ON CONFLICT DO NOTHING</c>.</param>
    public NpgsqlBatchCommand Command(IReadOnlyList<EntityEntry> rows, string suffix = "") => Command(rows, static (row, column) => row.Property(column.Property).CurrentValue, suffix);

    /// <summary>The same for entities that no context tracks.</summary>
    public NpgsqlBatchCommand CommandFor<T>(IReadOnlyList<T> rows, string suffix = "")
        where T : class => Command(rows, static (row, column) => column.Property.GetGetter().GetClrValueUsingContainingEntity(row), suffix);

    private NpgsqlBatchCommand Command<TRow>(IReadOnlyList<TRow> rows, Func<TRow, Column, object?> read, string suffix)
    {
        var command = new NpgsqlBatchCommand(sql + " " + suffix);
        foreach (var column in columns)
        {
            var values = Array.CreateInstance(column.ArrayType, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                values.SetValue(column.Convert(read(rows[i], column)), i);
            }

            command.Parameters.Add(new NpgsqlParameter { Value = values, DataTypeName = column.StoreType + "[]" });
        }

        return command;
    }

    private sealed class Column
    {
        private readonly Func<object?, object?>? convert;

        public Column(IProperty property)
        {
            Property = property;
            var mapping = property.GetRelationalTypeMapping();
            Name = property.GetColumnName();
            StoreType = property.GetColumnType();
            convert = mapping.Converter?.ConvertToProvider;
            var type = mapping.Converter?.ProviderClrType ?? property.ClrType;
            type = Nullable.GetUnderlyingType(type) ?? type;
            ArrayType = property.IsNullable && type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type;
        }

        public IProperty Property { get; }

        public string Name { get; }

        public string StoreType { get; }

        public Type ArrayType { get; }

        public object? Convert(object? value) => value is null || convert is null ? value : convert(value);
    }
}
