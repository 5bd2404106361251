using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Catalog;

public sealed record ItemDetail(ItemId Id, ItemTerms Terms);

/// <summary>All items, those off sale too.</summary>
public sealed record ListAllItems : IRequest<IReadOnlyList<ItemDetail>>;

internal sealed class ListAllItemsHandler(IPaymentsDb db) : IRequestHandler<ListAllItems, IReadOnlyList<ItemDetail>>
{
    public async Task<IReadOnlyList<ItemDetail>> Handle(ListAllItems query, CancellationToken cancellationToken) =>
        [.. (await db.Items.AsNoTracking().OrderBy(i => i.DisplayOrder).ThenBy(i => i.Name).ToListAsync(cancellationToken)).Select(i => new ItemDetail(i.Id, i.Terms))];
}

public sealed record GetItem(ItemId Id) : IRequest<ItemDetail>;

internal sealed class GetItemHandler(IPaymentsDb db) : IRequestHandler<GetItem, ItemDetail>
{
    public async Task<ItemDetail> Handle(GetItem query, CancellationToken cancellationToken) =>
        await db.Items.AsNoTracking().FirstOrDefaultAsync(i => i.Id == query.Id, cancellationToken) is { } item
            ? new(item.Id, item.Terms)
            : throw CatalogRefusals.ItemNotFound();
}

public sealed record CreateItem(ItemTerms Terms, Actor Actor, string? Reason) : IRequest<ItemDetail>, IStaffWrite;

internal sealed class CreateItemHandler(IPaymentsDb db, IAuditLog audit, IIdGenerator ids) : IRequestHandler<CreateItem, ItemDetail>
{
    public async Task<ItemDetail> Handle(CreateItem command, CancellationToken cancellationToken)
    {
        var item = new Item(new ItemId(ids.Next()), command.Terms);
        await using var transaction = await db.BeginAsync(cancellationToken);
        await ItemResources.RequireFreeAsync(db, item, cancellationToken);
        db.Items.Add(item);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(command.Actor, "item.create", item.Id.ToString(), null, item.Terms, command.Reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(item.Id, item.Terms);
    }
}

/// <param name="Terms">All of them: what is not said is not kept.</param>
public sealed record EditItem(ItemId Id, ItemTerms Terms, Actor Actor, string? Reason) : IRequest<ItemDetail>, IStaffWrite;

internal sealed class EditItemHandler(ItemChanges changes) : IRequestHandler<EditItem, ItemDetail>
{
    public Task<ItemDetail> Handle(EditItem command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, item => item.Edit(command.Terms), command.Actor, "item.edit", command.Reason, cancellationToken);
}

/// <summary>Takes an item off sale; whoever bought it keeps it, and so does its row stay.</summary>
public sealed record DeactivateItem(ItemId Id, Actor Actor, string? Reason) : IRequest<ItemDetail>, IStaffWrite;

internal sealed class DeactivateItemHandler(ItemChanges changes) : IRequestHandler<DeactivateItem, ItemDetail>
{
    public Task<ItemDetail> Handle(DeactivateItem command, CancellationToken cancellationToken) =>
        changes.ChangeAsync(command.Id, item => item.Deactivate(), command.Actor, "item.deactivate", command.Reason, cancellationToken);
}

/// <summary>Whoever bought a resource has it, by whatever item: so there is one item of it on sale at a time.</summary>
internal static class ItemResources
{
    /// <exception cref="Refusal"><c>item.resource_taken</c></exception>
    public static async Task RequireFreeAsync(IPaymentsDb db, Item item, CancellationToken cancellationToken)
    {
        if (!item.Active)
        {
            return;
        }

        await db.LockResourceAsync(item.Access, cancellationToken);
        var others = await db.Items.AsNoTracking().Where(i => i.Active && i.Type == item.Type && i.Id != item.Id).ToListAsync(cancellationToken);
        if (others.Find(i => i.Access == item.Access) is { } other)
        {
            throw CatalogRefusals.ResourceTaken(other.Name);
        }
    }
}

/// <summary>A change of an item under its lock, with the audit row that tells of it.</summary>
internal sealed class ItemChanges(IPaymentsDb db, IAuditLog audit)
{
    public async Task<ItemDetail> ChangeAsync(ItemId id, Action<Item> change, Actor actor, string action, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var item = await db.LockItemAsync(id, cancellationToken) ?? throw CatalogRefusals.ItemNotFound();
        var before = item.Terms;
        change(item);
        await ItemResources.RequireFreeAsync(db, item, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(actor, action, id.ToString(), before, item.Terms, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(item.Id, item.Terms);
    }
}
