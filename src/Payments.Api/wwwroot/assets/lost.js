// @ts-check
import { frame } from './frame.js';

frame({ page: '' });
