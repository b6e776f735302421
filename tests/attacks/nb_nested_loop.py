"""Runs event loops inside the kernel's own, and blocks them."""
import asyncio

loop = asyncio.get_event_loop()
# %%
loop.run_until_complete(asyncio.sleep(0))
# %%
loop.call_soon(lambda: loop.stop())
# %%
await asyncio.sleep(0)
